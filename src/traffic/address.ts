/** Address families of test traffic. */
export const isSix = (address: string): boolean => address.includes(':');

/** No address of its own, of the family of this one. */
export const wildcard = (address: string): string => (isSix(address) ? '::' : '0.0.0.0');
