/** Whether a node may be a result: its record is below `rows` (a dead node's never is) and has its bit, if there are bits. */
@inline
export function allowed(owners: usize, bitmap: usize, rows: u32, node: u32): bool {
  const owner = load<u32>(owners + ((<usize>node) << 2));
  if (owner >= rows) return false;
  return bitmap == 0 || ((load<u32>(bitmap + ((<usize>(owner >> 5)) << 2)) >> (owner & 31)) & 1) != 0;
}
