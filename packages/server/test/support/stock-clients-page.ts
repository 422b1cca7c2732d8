import { servePage, type ServedPage } from './serve-page.ts';

/** What the page offers to a test: the stock clients and ours, imported like in an application. */
const entry = `
  import Uppy from '@uppy/core';
  import AwsS3 from '@uppy/aws-s3';
  import Tus from '@uppy/tus';
  import XHRUpload from '@uppy/xhr-upload';
  import * as tus from 'tus-js-client';
  import { createClient } from '@safelight/client';
  globalThis.clients = { Uppy, AwsS3, Tus, XHRUpload, tus, createClient };
`;

/** A page of another origin than the product, with the stock upload clients. */
export const serveStockClients = async (): Promise<ServedPage> => await servePage('Shop', entry);
