import { never, type Step } from '../step.ts'

/** It takes requests and rejects a part of what is in them, as OTLP lets it: what was rejected is not sent again. */
export const partialSuccess = { needs: 'partial-success', isDown: never } satisfies Step
