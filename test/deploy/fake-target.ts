import { FailoverctlError } from '../../src/core/errors.ts'
import { type DeployRecord, EMPTY, hashOf } from '../../src/deploy/record.ts'
import type { RecordStore } from '../../src/deploy/store.ts'
import type { Change, DeployTarget, Member, Stage, Wait } from '../../src/deploy/target.ts'

/** What outlives every tool: a config, what runs, and the record beside it. */
export class World {
  config = 'old'
  running = 'old'
  record: DeployRecord = EMPTY
  version = 0
}

export class Killed extends Error {}
export const lost = () => new FailoverctlError('no-answer', 'the cluster does not answer')

/** A target in memory. `before` is called ahead of each operation by its name, and may throw: a crash, or a lost connection. */
export class FakeTarget implements DeployTarget {
  readonly name = 'fake'
  readonly slug = 'fake'
  readonly address = { to: 'fake/one' }
  readonly world: World
  before: (operation: string) => void = () => {}
  /** What settling ends with. */
  stuck: string | undefined
  #seen = 0

  constructor(world: World) {
    this.world = world
  }

  readonly store: RecordStore = {
    read: async () => {
      this.before('read record')
      this.#seen = this.world.version
      return this.world.record
    },
    write: async record => {
      this.before('write record')
      if (this.#seen !== this.world.version) throw new FailoverctlError('conflict', 'the record was written')
      this.#seen = ++this.world.version
      this.world.record = structuredClone(record)
    },
  }

  preflight = async () => {}
  rehearse = async () => {}
  members = async (): Promise<Member[]> => []

  look = async () => ({ backup: { config: this.world.config, state: {} }, remarks: [] })

  stages({ config }: Change): Stage[] {
    const step = (name: string, make: () => void) => ({
      name,
      make: async () => {
        this.before(name)
        make()
        // Done, and its answer may still be lost.
        this.before(`${name}, answered`)
      },
    })
    return [
      {
        name: 'all',
        steps: [
          step('write', () => {
            this.world.config = config
          }),
          step('restart', () => {
            this.world.running = config
          }),
        ],
      },
    ]
  }

  async settle(_: Change, __: Stage, { beat, signal }: Wait) {
    this.before('settle')
    await beat('settling')
    signal?.throwIfAborted()
    return this.stuck
  }

  async inspect({ hash }: Change) {
    this.before('inspect')
    if ((await hashOf(this.world.config)) !== hash) throw new FailoverctlError('conflict', 'somebody else changed it')
    return undefined
  }

  async restore({ backup, hash }: Change) {
    this.before('restore')
    const now = this.world.config
    if (now !== backup.config && (await hashOf(now)) !== hash) throw new FailoverctlError('conflict', 'somebody else changed it')
    this.world.config = backup.config
    this.before('restore halfway')
    this.world.running = backup.config
  }

  async differences({ backup }: Change) {
    this.before('prove')
    return this.world.running === backup.config && this.world.config === backup.config ? [] : ['something is not as it was']
  }
}
