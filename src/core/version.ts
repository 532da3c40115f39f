// The bundle has the number from package.json put in; code that runs from source does not know it.
declare const FAILOVERCTL_VERSION: string

export const VERSION: string = typeof FAILOVERCTL_VERSION === 'string' ? FAILOVERCTL_VERSION : 'from source'
