import { FailoverctlError } from '../../core/errors.ts'
import type { ConfigMap, PodSpec } from './objects.ts'

/** A key of a config map. */
export interface ConfigPlace {
  readonly configMap: string
  readonly key: string | undefined
}

/** From which config map the collector of a pod reads its config: told by `--config` and the volumes, unless it is named. */
export function findConfig(
  spec: PodSpec,
  named: { configMap?: string | undefined; key?: string | undefined },
  who: string,
): ConfigPlace {
  const volumes = (spec.volumes ?? []).flatMap(({ name, configMap }) => (configMap ? [{ name, configMap }] : []))
  const mounted = volumes.filter(({ configMap }) => named.configMap === undefined || configMap.name === named.configMap)
  for (const { args = [], command = [], volumeMounts = [] } of spec.containers) {
    for (const path of configPaths([...command, ...args])) {
      for (const mount of volumeMounts) {
        const volume = mounted.find(({ name }) => name === mount.name)
        const inside = volume && relative(path, mount)
        if (!volume || inside === undefined) continue
        const key = volume.configMap.items?.find(item => item.path === inside)?.key ?? inside
        return { configMap: volume.configMap.name, key: named.key ?? key }
      }
    }
  }
  const names = [...new Set(mounted.map(({ configMap }) => configMap.name))]
  if (names.length === 1) return { configMap: names[0] as string, key: named.key }
  throw new FailoverctlError(
    'no-such-object',
    names.length === 0
      ? `${who} mounts no config map${named.configMap === undefined ? '' : ` named ${named.configMap}`}: its config is somewhere else`
      : `${who} mounts several config maps, and none of them is where --config points to: ${names.join(', ')}`,
    names.length === 0 ? undefined : `Name the right one: --configmap ${names[0]} --key config.yaml`,
  )
}

function configPaths(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const [, flag, value] = /^--?(config)(?:=(.*))?$/.exec(word) ?? []
    if (!flag) return []
    return [(value ?? words[index + 1] ?? '').replace(/^file:/, '')]
  })
}

function relative(path: string, { mountPath, subPath }: { mountPath: string; subPath?: string }): string | undefined {
  if (subPath !== undefined) return path === mountPath ? subPath : undefined
  const folder = mountPath.endsWith('/') ? mountPath : `${mountPath}/`
  return path.startsWith(folder) ? path.slice(folder.length) : undefined
}

/** The key that holds the config, where only one can be meant. */
export function keyIn({ data = {}, metadata }: ConfigMap, key: string | undefined): string {
  const keys = Object.keys(data)
  const found = key ?? (keys.length === 1 ? keys[0] : undefined)
  if (found !== undefined && found in data) return found
  throw new FailoverctlError(
    'no-such-object',
    key === undefined ? `config map ${metadata.name} has ${keys.length} keys` : `config map ${metadata.name} has no key ${key}`,
    keys.length > 0 ? `It has ${keys.join(', ')}. Name one: --key ${keys[0]}` : undefined,
  )
}
