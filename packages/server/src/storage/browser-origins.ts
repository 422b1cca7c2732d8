import type { StoreConfig } from './store-config.ts';

/**
 * Origins that browsers are sent to by this store's signed and public URLs, for a Content-Security-Policy. None for stores whose uploads and
 * downloads Safelight itself serves.
 */
export function browserOrigins(config: StoreConfig): string[] {
  switch (config.provider) {
    case 's3':
      return originsOf([...s3Addresses(config), config.publicBaseUrl]);
    case 'azure':
      return originsOf([azureAddress(config.connectionString), config.publicBaseUrl]);
    case 'gcs':
      return originsOf([config.endpoint ?? 'https://storage.googleapis.com', config.publicBaseUrl]);
    case 'filesystem':
    case 'mocked':
      return [];
    default:
      return config satisfies never;
  }
}

function s3Addresses({ location, region, endpoint, pathStyle }: Extract<StoreConfig, { provider: 's3' }>): string[] {
  if (endpoint !== undefined) {
    const { protocol, host } = new URL(endpoint);
    return [pathStyle === false ? `${protocol}//${location}.${host}` : endpoint];
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = `s3.${region}.${domain}`;
  // A bucket name with a dot would not match the certificate, so the SDK puts it into the path.
  return [pathStyle === true || location.includes('.') ? `https://${host}` : `https://${location}.${host}`];
}

/** Reads only the parts with the account's host; the others are credentials. */
function azureAddress(connectionString: string): string | undefined {
  const parts = new Map(
    connectionString.split(';').map((part) => {
      const equals = part.indexOf('=');
      return [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()] as const;
    }),
  );
  if (parts.get('usedevelopmentstorage')?.toLowerCase() === 'true') return 'http://127.0.0.1:10000';
  const account = parts.get('accountname');
  const derived =
    account === undefined
      ? undefined
      : `${parts.get('defaultendpointsprotocol') ?? 'https'}://${account}.blob.${parts.get('endpointsuffix') ?? 'core.windows.net'}`;
  return parts.get('blobendpoint') ?? derived;
}

const originsOf = (addresses: readonly (string | undefined)[]): string[] => [
  ...new Set(addresses.flatMap((address) => (address !== undefined && URL.canParse(address) ? [new URL(address).origin] : []))),
];
