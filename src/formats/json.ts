/** Data for a program: indented, with a last newline, and nothing else. */
export const json = (data: unknown): string => `${JSON.stringify(data, null, 2)}\n`
