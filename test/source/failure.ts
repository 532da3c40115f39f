import { FailoverctlError } from '../../src/core/errors.ts'

/** What a call fails with, as `code: message`; anything but a FailoverctlError is thrown on. */
export async function failure(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (error instanceof FailoverctlError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no failure'
}
