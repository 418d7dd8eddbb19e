/** Text that anybody may have written: shown as text, cut short, and kept from turning its surroundings around. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** The text without characters that show nothing or turn others around, and at most so long. */
export function tamed(text: string, most: number): string {
  const letters = Array.from(text.slice(0, most * 4).replace(CONTROL, ""));
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("");
}

export function Untrusted({ text, most = 60 }: { text: string; most?: number }) {
  return <bdi title={tamed(text, 400)}>{tamed(text, most)}</bdi>;
}
