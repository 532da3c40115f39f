import type { Container } from '../../platforms/container.ts'

/** Where the file that `--config` names lies on this machine; undefined where it is inside of the image or a volume. */
export function configOnHost({ argv, mounts }: Container): string | undefined {
  const [path] = argv.flatMap((word, index) => {
    const [, value] = /^--?config(?:=(.*))?$/.exec(word) ?? []
    return /^--?config(?:=|$)/.test(word) ? [(value ?? argv[index + 1] ?? '').replace(/^file:/, '')] : []
  })
  if (path === undefined) return undefined
  for (const { source, target } of mounts.filter(({ kind }) => kind === 'bind')) {
    if (target === path) return source
    const folder = target.endsWith('/') ? target : `${target}/`
    if (path.startsWith(folder)) return `${source.replace(/\/$/, '')}/${path.slice(folder.length)}`
  }
  return undefined
}

/** From this machine; undefined for a port that is not published. */
export function urlOf({ networkMode, published }: Container, port: number): string | undefined {
  if (networkMode === 'host') return `http://127.0.0.1:${port}`
  const found = published.find(each => each.port === port)
  if (!found) return undefined
  const host = found.hostIp === '' || found.hostIp === '0.0.0.0' || found.hostIp === '::' ? '127.0.0.1' : found.hostIp
  return `http://${host.includes(':') ? `[${host}]` : host}:${found.hostPort}`
}
