/** What Go's url.Parse takes, as far as a person gets it wrong. */
export function isUrl(text: string): boolean {
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)/i.exec(text)?.[1] ?? ''
  const badHost = text.includes('://')
    ? /[\s{}]/.test(host) || /:(?!\d*$)[^\]]*$/.test(host)
    : /^[^/]*:/.test(text) && !/^[a-z][a-z0-9+.-]*:/i.test(text)
  return !badHost && !/%(?![\da-f]{2})/i.test(host)
}
