/** Whether a walk or a scan is to leave any node out. */
@inline
export function isFiltered(owners: usize, bitmap: usize): bool {
  return (owners | bitmap) != 0;
}

/**
 * Whether a node may be a result: its record is below `rows` (a dead node's never is) and has its bit, if there are bits. Without
 * owners the bits are of nodes. Such are tested with one read in place of two, which of a walk inside a bitmap takes a tenth.
 */
@inline
export function allowed(owners: usize, bitmap: usize, rows: u32, node: u32): bool {
  let place = node;
  if (owners != 0) {
    place = load<u32>(owners + ((<usize>node) << 2));
    if (place >= rows) return false;
  }
  return bitmap == 0 || ((load<u32>(bitmap + ((<usize>(place >> 5)) << 2)) >> (place & 31)) & 1) != 0;
}
