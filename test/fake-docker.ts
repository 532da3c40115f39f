import { FailoverctlError } from '../src/core/errors.ts'
import type { Inspected } from '../src/platforms/container.ts'
import type { FakeHost } from './fake-host.ts'
import type { Said } from './fake-tools.ts'

export interface FakeContainer extends Inspected {
  /** What `docker cp` finds in it. */
  readonly files?: Readonly<Record<string, string>>
}

/** An engine in memory, behind a scripted `docker`: containers change their state as they are told to. */
export class FakeEngine {
  readonly containers: FakeContainer[]
  context = 'default'
  address = 'unix:///var/run/docker.sock'
  /** What every call says instead; undefined: it answers. */
  broken: Said | undefined

  constructor(host: FakeHost, containers: readonly FakeContainer[], command = 'docker') {
    this.containers = [...containers]
    host.tools.script(command, words => this.broken ?? this.#answer(words.filter(isNoPlace), host))
  }

  named(name: string): FakeContainer {
    const found = this.containers.find(({ Id, Name }) => Id === name || Name === `/${name}`)
    if (!found) throw new FailoverctlError('no-such-object', `Error response from daemon: No such container: ${name}`)
    return found
  }

  remove(name: string): void {
    this.containers.splice(this.containers.indexOf(this.named(name)), 1)
  }

  status = (name: string): string | undefined => this.named(name).State?.Status

  #answer([verb = '', ...words]: readonly string[], host: FakeHost): Said {
    try {
      return this.#do(verb, words, host)
    } catch (error) {
      if (!(error instanceof FailoverctlError)) throw error
      return { code: 1, err: `${error.message}\n` }
    }
  }

  #do(verb: string, words: readonly string[], host: FakeHost): Said {
    const last = words.at(-1) ?? ''
    switch (verb) {
      case 'context':
        return JSON.stringify([{ Name: this.context, Endpoints: { docker: { Host: this.address } } }])
      case 'version':
        return '{}'
      case 'ps':
        return `${this.#labelled(words).join('\n')}\n`
      case 'container':
        return JSON.stringify(words.slice(1).map(name => this.named(name)))
      case 'cp':
        return this.#copy(words, host)
      case 'start':
        return this.#become(last, 'running')
      case 'unpause':
        if (this.status(last) !== 'paused')
          return { code: 1, err: `Error response from daemon: Container ${last} is not paused\n` }
        return this.#become(last, 'running')
      case 'pause':
        return this.#become(last, 'paused')
      case 'stop':
      case 'kill':
        return this.#become(last, 'exited')
      default:
        return { code: 1, err: `docker: unknown command: docker ${verb}\n` }
    }
  }

  #labelled(words: readonly string[]): string[] {
    const labels = words.filter(word => word.startsWith('label=')).map(word => word.slice('label='.length))
    const has = ({ Config }: FakeContainer, label: string) => {
      const [key = '', value] = label.split('=')
      const found = Config?.Labels?.[key]
      return found !== undefined && (value === undefined || found === value)
    }
    return this.containers.filter(container => labels.every(label => has(container, label))).map(({ Id }) => Id)
  }

  #copy(words: readonly string[], host: FakeHost): Said {
    const [from = '', to = ''] = words.slice(-2)
    const [id = '', path = ''] = from.split(':')
    const text = this.named(id).files?.[path]
    if (text === undefined)
      return { code: 1, err: `Error response from daemon: Could not find the file ${path} in container ${id}\n` }
    host.contents.set(to, new TextEncoder().encode(text))
    host.disk.put(to, text)
    return ''
  }

  #become(name: string, status: string): Said {
    const found = this.named(name)
    Object.assign(found, { State: { ...found.State, Status: status } })
    return `${name}\n`
  }
}

const isNoPlace = (word: string, index: number, all: readonly string[]): boolean => {
  const places = ['--host', '--context', '--url']
  return !places.includes(word) && !places.includes(all[index - 1] ?? '')
}
