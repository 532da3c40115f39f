import { FailoverctlError } from '../../core/errors.ts'
import { where } from '../../experiment/place.ts'
import { healthCheckOf } from '../../lab/plan.ts'
import { httpProbe } from './http.ts'
import type { MakeProbe } from './probe.ts'

/** The collector's health_check extension, where the target or the config says it is. */
export const health: MakeProbe = (wished, { host, target, graph }) => {
  const configured = healthCheckOf(graph)
  const inConfig = configured && `http://${configured.address.host}:${configured.address.port}${configured.path}`
  const url = wished.settings.url ?? target.healthUrl ?? inConfig
  if (url !== undefined) return httpProbe(wished, url, host)
  throw new FailoverctlError(
    'bad-experiment',
    `${where(wished.at)}: the config has no health_check extension`,
    'Add one to the config, or give the probe a `url`.',
  )
}
