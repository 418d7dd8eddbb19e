import { InMemoryCache } from "@apollo/client";

import possible from "./possibleTypes.json";
import { typePolicies } from "./typePolicies";

export const possibleTypes: Record<string, string[]> = possible.possibleTypes;

/** A cache that keeps objects by their global id and joins the pages of a list. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({ possibleTypes, typePolicies });
}
