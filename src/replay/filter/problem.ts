import { FailoverctlError } from '../../core/errors.ts'

/** A filter that cannot be read, and where. */
export class FilterProblem extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }

  /** With the filter itself and a mark under the place. */
  toError(filter: string): FailoverctlError {
    const line = filter.replace(/\s/g, ' ')
    return new FailoverctlError(
      'wrong-use',
      `--filter: ${this.message}\n  ${line}\n  ${' '.repeat([...line.slice(0, this.at)].length)}^`,
      `Example: --filter 'service.name == "checkout" && severity >= WARN'`,
    )
  }
}
