/** Where a network fault is made: in the network of this program, of a named namespace, or of a process or container. */
export type Place =
  | { readonly in: 'host' }
  | { readonly in: 'namespace'; readonly name: string }
  | { readonly in: 'process'; readonly pid: number }

export const HOST: Place = { in: 'host' }

/** The words that run a program there. Only its network is that of the place; files and processes stay ours. */
export function inPlace(place: Place, words: readonly string[]): string[] {
  if (place.in === 'namespace') return ['ip', 'netns', 'exec', place.name, ...words]
  if (place.in === 'process') return ['nsenter', '-t', String(place.pid), '-n', '--', ...words]
  return [...words]
}

/** For a person: `the network namespace blue`. */
export function placeName(place: Place): string {
  if (place.in === 'namespace') return `the network namespace ${place.name}`
  return place.in === 'process' ? `the network of process ${place.pid}` : 'the network of this machine'
}

/** What is said when the place itself is gone, and every rule in it: there is nothing to take back. */
export const PLACE_IS_GONE = ['Cannot open network namespace', '/ns/net: No such file or directory']
