import type { Queue } from '../collector/graph.ts'
import type { Expected } from './rule.ts'

/** The stated traffic in what a queue counts, each second; undefined where it is not stated. */
export const rateFor = ({ sizer }: Queue, { requestsPerSecond, bytesPerSecond }: Expected): number | undefined =>
  sizer === 'requests' ? requestsPerSecond : sizer === 'bytes' ? bytesPerSecond : undefined
