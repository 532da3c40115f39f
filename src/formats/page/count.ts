/** `12 345.6` as a person reads it. */
export const count = (value: number): string =>
  (value >= 100 || Number.isInteger(value) ? Math.round(value) : Number(value.toPrecision(2))).toLocaleString('en-US')
