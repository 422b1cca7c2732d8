import { renderToString } from 'react-dom/server';

import { ServedPage } from './served.tsx';

export const html = renderToString(<ServedPage />);
