/** Index of the first element that is `late`, where all after it are too; the length when none is. */
export function firstIndex<T>(list: ArrayLike<T>, late: (element: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (late(list[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
