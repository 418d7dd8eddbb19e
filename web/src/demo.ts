/** Wallets the sandbox knows, offered only when it answers. */
export interface Demo {
  name: string;
  address: string;
}

export const DEMOS: readonly Demo[] = [
  { name: "A typical wallet", address: "0xd470055c6189b921c4d44b3d277ad868f79c0f75" },
  { name: "1,000 positions", address: "0x5eed000000000000000000000000000000000002" },
  { name: "Loans and debts", address: "0x5eed000000000000000000000000000000000003" },
  { name: "Spam, no prices", address: "0x5eed000000000000000000000000000000000004" },
  { name: "Very long numbers", address: "0x5eed000000000000000000000000000000000005" },
  { name: "Nothing at all", address: "0x5eed000000000000000000000000000000000001" },
  {
    name: "Algorand account",
    address: "O5QWY3DFORTXEYLQNAQGIZLNN45CA5DZOBUWGYLMFYXC4LROFYXKE2F6JA",
  },
  {
    name: "Algorand collector",
    address: "O5QWY3DFORTXEYLQNAQGIZLNN45CAY3PNRWGKY3UN5ZC4LROFYXECXOT4Q",
  },
  {
    name: "2,500 Algorand assets",
    address: "O5QWY3DFORTXEYLQNAQGIZLNN45CAYTJM4XC4LROFYXC4LROFYXC32RSNE",
  },
];
