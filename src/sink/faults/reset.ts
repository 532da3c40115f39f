import type { FaultKind } from './fault.ts'
import { wrongSetting } from './read-setting.ts'

/** The connection breaks before an answer: the sender cannot know whether its data was taken. */
export const reset = {
  kind: 'reset',
  usage: 'reset or reset=after',
  what: 'reset the connection instead of answering, before the data is taken or after',
  read(value = 'before') {
    if (value !== 'before' && value !== 'after') throw wrongSetting('reset', value, 'before or after')
    return {
      delays: true,
      wrap: next => async arrival => {
        if (value === 'after') await next(arrival)
        return { status: 503, reset: true }
      },
    }
  },
} satisfies FaultKind
