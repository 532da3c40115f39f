import { FailoverctlError } from '../src/core/errors.ts'
import type { OpenTool, ToolOptions, ToolRun, Tools } from '../src/core/tools.ts'

/** What a scripted tool says: standard output alone, or more of a run. */
export type Said = string | Partial<ToolRun>
type Script = (words: readonly string[], options: ToolOptions) => Said | Promise<Said>

/** Other people's programs in memory: each command is a script, and every call is kept. */
export class FakeTools implements Tools {
  /** The words of each call, joined by spaces. */
  readonly calls: string[] = []
  #scripts = new Map<string, Script>()

  /** From now on `command` is there and answers so. */
  script(command: string, script: Script): void {
    this.#scripts.set(command, script)
  }

  async run(argv: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
    const [command = '', ...words] = argv
    this.calls.push(argv.join(' '))
    const script = this.#scripts.get(command)
    if (!script) throw new FailoverctlError('no-such-tool', `${command} is not installed, or not in PATH`)
    const said = await script(words, options)
    return { code: 0, out: '', err: '', timedOut: false, ...(typeof said === 'string' ? { out: said } : said) }
  }

  async open(argv: readonly string[]): Promise<OpenTool> {
    const ended = this.run(argv)
    const { out } = await ended
    return {
      lines: (async function* () {
        yield* out.split('\n').filter(line => line !== '')
      })(),
      ended,
      stop: async () => {},
    }
  }
}
