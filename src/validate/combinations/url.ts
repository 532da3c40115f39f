/** What Go's url.Parse takes, as far as a person gets it wrong. */
export function isUrl(text: string): boolean {
  const authority = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)/i.exec(text)?.[1] ?? ''
  if (/%(?![\da-f]{2})/i.test(authority)) return false
  if (!text.includes('://')) return !/^[^/]*:/.test(text) || /^[a-z][a-z0-9+.-]*:/i.test(text)
  // A user and a password may stand before the host, with a colon of their own.
  const [user, host] = halves(authority)
  return /^[\w.~!$&'()*+,;=%@:-]*$/.test(user) && !/[\s{}]/.test(host) && !/:(?!\d*$)[^\]]*$/.test(host)
}

function halves(authority: string): [user: string, host: string] {
  const at = authority.lastIndexOf('@')
  return [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)]
}
