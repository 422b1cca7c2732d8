import type { Config } from '../../config.ts';
import { storeName } from '../../storage/locator.ts';

export type CorsRules = { store: string; how: string; rules: unknown };

/** The CORS rules that the bucket for uploads needs, in its provider's format; null when Safelight itself takes the bytes. */
export function corsRules({ stores, roles, corsOrigins }: Pick<Config, 'stores' | 'roles' | 'corsOrigins'>): CorsRules | null {
  const staging = stores.find((store) => storeName(store) === roles.staging);
  const origins = corsOrigins === '*' ? ['*'] : corsOrigins;
  const maxAgeSeconds = 3600;
  switch (staging?.provider) {
    case 's3':
      return {
        store: roles.staging,
        how: `aws s3api put-bucket-cors --bucket ${staging.location} --cors-configuration file://cors.json`,
        rules: {
          CORSRules: [{ AllowedOrigins: origins, AllowedMethods: ['PUT'], AllowedHeaders: ['*'], ExposeHeaders: ['ETag'], MaxAgeSeconds: maxAgeSeconds }],
        },
      };
    case 'azure':
      return {
        store: roles.staging,
        how: `az storage cors add --services b --methods PUT OPTIONS --origins '${origins.join(' ')}' --allowed-headers '*' --exposed-headers ETag --max-age ${maxAgeSeconds}`,
        rules: { origins, methods: ['PUT', 'OPTIONS'], allowedHeaders: ['*'], exposedHeaders: ['ETag'], maxAgeSeconds },
      };
    case 'gcs':
      return {
        store: roles.staging,
        how: `gcloud storage buckets update gs://${staging.location} --cors-file=cors.json`,
        rules: [{ origin: origins, method: ['PUT'], responseHeader: ['*'], maxAgeSeconds }],
      };
    default:
      return null;
  }
}
