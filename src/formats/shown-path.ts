const UNSAFE = /[\p{Cc}\u2028\u2029]/gu

/** A file name may hold anything but a slash: what would move the cursor or end the line is shown as JSON writes it. */
export function shownPath(path: string): string {
  if (path.search(UNSAFE) < 0) return path
  return JSON.stringify(path).replace(UNSAFE, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
