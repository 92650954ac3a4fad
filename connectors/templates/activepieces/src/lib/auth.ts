import { PieceAuth, Property } from '@activepieces/pieces-framework';
import { request } from './gateway';

export const kitchenAuth = PieceAuth.CustomAuth({
  required: true,
  description:
    'Create an API key in your Kitchen under **Settings > API**. Instant triggers need one with the scope *webhooks*.',
  props: {
    url: Property.ShortText({
      displayName: 'Gateway Address',
      description:
        'Where your Kitchen is: the address in your browser, up to the first single slash, such as https://kitchen.example.com.',
      required: true,
    }),
    apiKey: PieceAuth.SecretText({ displayName: 'API Key', required: true }),
  },
  validate: async ({ auth }) => {
    try {
      await request(auth, 'GET', 'me');
      return { valid: true };
    } catch (error) {
      return { valid: false, error: error instanceof Error ? error.message : String(error) };
    }
  },
});
