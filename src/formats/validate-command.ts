/** The command that says more about a config, as it can be pasted; `config` may be several locations that were merged, as an outcome has them. */
export function validateCommand(config: string): string {
  const locations = config.split(' + ')
  if (locations.length === 1) return `failoverctl validate ${quoted(config)}`
  return `failoverctl validate --merge ${locations.map(quoted).join(' ')}`
}

/** One word of a command line, for a shell. */
export const quoted = (text: string): string => (/^[\w./:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
