import type { Host } from '../core/host.ts'

/** The same host, whose files are read once however often they are asked for: standard input can be read no second time. */
export function readingOnce(host: Host): Host {
  const contents = new Map<string, Promise<Uint8Array>>()
  const read = (path: string) => {
    const content = contents.get(path) ?? host.files.read(path)
    contents.set(path, content)
    return content
  }
  return { ...host, files: { ...host.files, read } }
}
