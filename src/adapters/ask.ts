import type { Asker } from '../core/ask.ts'
import { FailoverctlError } from '../core/errors.ts'

/** A person who can be asked; undefined where input or output is not a terminal, or in CI. */
export function askerFor(env: NodeJS.ProcessEnv): Asker | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true || env.CI !== undefined) return undefined
  // The questions go to standard error: standard output holds the report alone.
  const context = { output: process.stderr }
  return {
    async choose(question, choices, preset) {
      const { default: select } = await import('@inquirer/select')
      const options = choices.map(({ value, about }) => ({ value, name: value, description: about }))
      return answered(select({ message: question, choices: options, default: preset }, context))
    },
    async text(question, preset, wrong) {
      const { default: input } = await import('@inquirer/input')
      return answered(input({ message: question, default: preset, validate: answer => wrong(answer) ?? true }, context))
    },
  }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if ((error as Error).name === 'ExitPromptError') throw new FailoverctlError('interrupted', 'interrupted; nothing was written')
    throw error
  }
}
