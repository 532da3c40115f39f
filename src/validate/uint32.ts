/** What a setting of 32 bits holds of a number: Go keeps the lowest bits of what does not fit, and of `.inf` none. */
export const uint32 = (value: number): number => (Number.isFinite(value) ? value % 2 ** 32 : 0)
