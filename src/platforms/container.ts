/** A container as its engine describes it: what of `docker container inspect` is read, of Docker and of Podman. */
export interface Container {
  readonly id: string
  readonly name: string
  /** `running`, `paused`, `exited`, `created`, `restarting`, `dead` */
  readonly status: string
  /** 0 where it does not run. */
  readonly pid: number
  readonly exitCode: number
  /** How often its engine has started it again by itself, since somebody has started it. */
  readonly restarts: number
  /** What it was started with: the program and its arguments. */
  readonly argv: readonly string[]
  readonly workingFolder: string
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly mounts: readonly Mount[]
  /** Which ports of it are reached at which address of the host. */
  readonly published: readonly Published[]
  /** `host`, `container:<id>`, or the name of a network. */
  readonly networkMode: string
  readonly networks: readonly Network[]
  readonly hostname: string
  /** Names that its hosts file has besides: `name:address`. */
  readonly extraHosts: readonly string[]
  /** How long it may take to end when it is asked to. */
  readonly stopWithinMs: number
}

export interface Mount {
  readonly kind: string
  /** On the machine of the engine. */
  readonly source: string
  /** In the container. */
  readonly target: string
  readonly writable: boolean
}

export interface Published {
  readonly port: number
  readonly hostIp: string
  readonly hostPort: number
}

export interface Network {
  readonly name: string
  /** Empty where it has none, or does not run. */
  readonly address: string
  /** What it is called there, besides its own name. */
  readonly aliases: readonly string[]
}

const STOP_WITHIN_S = 10

/** One entry of what `container inspect` prints. What is missing there is empty here. */
export function readContainer(found: Inspected): Container {
  const { State: state, Config: config, HostConfig: host, NetworkSettings: network } = found
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ''),
    status: state?.Status ?? 'unknown',
    pid: state?.Pid ?? 0,
    exitCode: state?.ExitCode ?? 0,
    restarts: found.RestartCount ?? 0,
    argv: [found.Path ?? '', ...(found.Args ?? [])],
    workingFolder: config?.WorkingDir || '/',
    env: Object.fromEntries((config?.Env ?? []).map(entry => splitAt(entry, '='))),
    labels: config?.Labels ?? {},
    mounts: (found.Mounts ?? []).map(({ Type, Source, Destination, RW }) => ({
      kind: Type ?? '',
      source: Source ?? '',
      target: Destination ?? '',
      writable: RW ?? true,
    })),
    published: Object.entries(network?.Ports ?? {}).flatMap(([port, bindings]) =>
      port.endsWith('/udp')
        ? []
        : (bindings ?? []).map(({ HostIp, HostPort }) => ({
            port: Number.parseInt(port, 10),
            hostIp: HostIp ?? '',
            hostPort: Number(HostPort),
          })),
    ),
    networkMode: host?.NetworkMode ?? '',
    networks: Object.entries(network?.Networks ?? {}).map(([name, { IPAddress, Aliases }]) => ({
      name,
      address: IPAddress ?? '',
      aliases: Aliases ?? [],
    })),
    hostname: config?.Hostname ?? '',
    extraHosts: host?.ExtraHosts ?? [],
    stopWithinMs: (config?.StopTimeout ?? STOP_WITHIN_S) * 1000,
  }
}

/** As the engines write it; any of it may be missing, and a list may be null. */
export interface Inspected {
  readonly Id: string
  readonly Name: string
  readonly Path?: string
  readonly Args?: readonly string[] | null
  readonly RestartCount?: number
  readonly State?: { readonly Status?: string; readonly Pid?: number; readonly ExitCode?: number }
  readonly Config?: {
    readonly Env?: readonly string[] | null
    readonly Labels?: Readonly<Record<string, string>> | null
    readonly Hostname?: string
    readonly WorkingDir?: string
    readonly StopTimeout?: number | null
  }
  readonly HostConfig?: { readonly NetworkMode?: string; readonly ExtraHosts?: readonly string[] | null }
  readonly Mounts?:
    | readonly { readonly Type?: string; readonly Source?: string; readonly Destination?: string; readonly RW?: boolean }[]
    | null
  readonly NetworkSettings?: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>> | null
    readonly Networks?: Readonly<
      Record<string, { readonly IPAddress?: string; readonly Aliases?: readonly string[] | null }>
    > | null
  }
}

const splitAt = (text: string, mark: string): [string, string] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
