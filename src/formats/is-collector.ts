/** Whether what was tested is a collector: its outcome then has a release. */
export const isCollector = (collectorVersion: string): boolean => collectorVersion !== 'none'
