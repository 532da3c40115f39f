import { FailoverctlError } from '../core/errors.ts'
import type { Signal } from './signal.ts'

/** A setting together with the flag or variable that it came from. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/** The OTEL_EXPORTER_OTLP_… variables as one signal sees them. An empty one is not there, as the specification wants it. */
export class OtlpSettings {
  #env: Readonly<Record<string, string | undefined>>
  #signal: string

  constructor(env: Readonly<Record<string, string | undefined>>, signal: Signal) {
    this.#env = env
    this.#signal = signal.toUpperCase()
  }

  /** `TIMEOUT` is OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, or else OTEL_EXPORTER_OTLP_TIMEOUT. */
  get(what: string): Setting | undefined {
    return this.ofSignal(what) ?? this.general(what)
  }

  ofSignal(what: string): Setting | undefined {
    return this.#read(`OTEL_EXPORTER_OTLP_${this.#signal}_${what}`)
  }

  general(what: string): Setting | undefined {
    return this.#read(`OTEL_EXPORTER_OTLP_${what}`)
  }

  #read(name: string): Setting | undefined {
    const value = this.#env[name]?.trim()
    return value ? { name, value } : undefined
  }
}

export function oneOf<T extends string>(setting: Setting | undefined, choices: readonly T[]): T | undefined {
  if (!setting) return undefined
  const found = choices.find(choice => choice === setting.value.toLowerCase())
  if (found) return found
  throw new FailoverctlError('wrong-use', `${setting.name} must be one of ${choices.join(', ')}`)
}

/** Only the word true is true; an unset or other value is false, as the specification has it. */
export const asFlag = (setting: Setting | undefined): boolean => setting?.value.toLowerCase() === 'true'
