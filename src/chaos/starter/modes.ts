/** What a failure mode needs of the config, and what of it stands in the file. */
export interface Mode {
  readonly title: string
  /** What happens, and what should come of it; a comment of the file. */
  readonly says: readonly string[]
  /** Steps of the method; `first` is the backend that is used first, `all` are all of them. */
  readonly method: (names: { readonly first: string; readonly all: readonly string[] }) => readonly string[]
  /** Whether level 0 stays in use, so that no failover is to be expected. */
  readonly keepsLevel: boolean
  /** Probes beside those that every file has, where the config has a queue. */
  readonly queueProbes: readonly string[]
  /** Where it can be run; the first is what the file says. */
  readonly targets: readonly string[]
  readonly traffic?: string
}

/** The failure modes of a collector, each as an experiment. */
export const MODES = {
  'backend-down': {
    title: 'The backend that is used first goes away',
    says: ['Its port is closed, as in an outage or a rollout.', 'The next level should take the traffic, and give it back.'],
    method: ({ first }) => [`- { fault: stop, target: ${first} }`],
    keepsLevel: false,
    queueProbes: [],
    targets: ['lab', 'process', 'docker', 'compose', 'kubernetes'],
  },
  partition: {
    title: 'The network drops what goes to the backend that is used first',
    says: ['Nobody is told: only the timeout of the exporter notices.', 'Expect a failover time of about that timeout.'],
    method: ({ first }) => [`- { fault: partition, target: ${first} }`],
    keepsLevel: false,
    queueProbes: [],
    targets: ['lab', 'process', 'docker', 'compose', 'kubernetes'],
  },
  'pod-crash': {
    title: 'The collector dies while the backends are down, and is started again',
    says: [
      'What its queue had in memory is lost; what it had on the disk (`sending_queue.storage`) is delivered.',
      'Senders are refused while it is down: that is no loss, they can send again.',
    ],
    method: ({ all }) => [
      ...all.map(name => `- { fault: stop, target: ${name}, at: 5s, until: 20s }`),
      '- { fault: crash, target: collector, at: 12s, for: 2s }',
    ],
    keepsLevel: false,
    queueProbes: [],
    targets: ['lab', 'process', 'docker', 'compose'],
  },
  'node-loss': {
    title: 'The node of the collector is lost',
    says: [
      'Its pods die and the node takes no others: they come up elsewhere, or not at all.',
      'Data on a disk of that node stays there; on a volume that moves, it comes along.',
    ],
    method: () => ['- { fault: node-loss, target: collector }'],
    keepsLevel: true,
    queueProbes: [],
    targets: ['kubernetes'],
  },
  'bad-config': {
    title: 'A bad config is rolled out, and rolled back',
    says: ['The collector runs with changed.yaml for a while: write there what goes wrong, such as a wrong endpoint.'],
    method: () => ['- { fault: config, target: collector, file: changed.yaml }'],
    keepsLevel: true,
    queueProbes: [],
    targets: ['process'],
  },
  'memory-pressure': {
    title: 'No backend answers, and the collector has to hold what comes in',
    says: [
      'Queues fill. A memory limiter should refuse what is too much: the senders are told, and nothing is lost.',
      'Without one, the kernel ends the collector, with all that it held.',
    ],
    method: ({ all }) => all.map(name => `- { fault: pause, target: ${name}, for: 20s }`),
    keepsLevel: false,
    queueProbes: ['- { probe: queue, name: queues empty again, when: end, tolerance: 0 }'],
    targets: ['lab', 'process', 'docker', 'compose', 'kubernetes'],
    traffic: '500/s',
  },
} as const satisfies Readonly<Record<string, Mode>>

export type FailureMode = keyof typeof MODES
