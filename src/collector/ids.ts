/** `otlp / a` and ` otlp/a` are `otlp/a` to the collector (component v1.67.0, identifiable.go; pipeline v1.67.0). */
export function normalizeId(text: string): string {
  const slash = text.indexOf('/')
  return slash < 0 ? text.trim() : `${text.slice(0, slash).trim()}/${text.slice(slash + 1).trim()}`
}
