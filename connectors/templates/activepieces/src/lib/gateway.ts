/** The connection: where the gateway is, and a key to it. */
export type Gateway = { url: string; apiKey: string };

/** What came of filling in a form. */
export type Inputs = Record<string, unknown>;

type Method = 'GET' | 'POST' | 'DELETE';

/** How often a request is sent while the gateway asks to come back later, and for how long it is waited. */
const MOST_TRIES = 4;
const LONGEST_WAIT_SECONDS = 60;

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== '';

const queryOf = (inputs: Inputs) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(inputs)) {
    if (Array.isArray(value)) {
      value.forEach((one) => query.append(`${name}[]`, String(one)));
    } else if (isGiven(value)) {
      query.append(name, String(value));
    }
  }
  return query.size > 0 ? `?${query}` : '';
};

/** What went wrong, in the gateway's own words, with the fields it names. */
const wordsOf = (text: string, status: number) => {
  type Told = { message?: string; errors?: Record<string, string[]>; request_id?: string };
  let told: Told = {};
  try {
    told = JSON.parse(text) ?? {};
  } catch {
    // Not everything in front of a gateway answers in JSON.
  }
  const fields = Object.entries(told.errors ?? {}).map(([field, messages]) => `${field}: ${messages.join(' ')}`);
  const id = status >= 500 && told.request_id ? [`The gateway calls this request ${told.request_id}.`] : [];
  return [told.message ?? `The gateway answered ${status}.`, ...fields, ...id].join('\n');
};

/**
 * A request below `/connect/custom/`. One that was turned away for now is sent again after the time the gateway names.
 * Made with `fetch`: the framework's own client accepts any certificate, and repeats in its errors what was sent.
 */
export const request = async <T>(gateway: Gateway, method: Method, path: string, inputs: Inputs = {}): Promise<T> => {
  const hasBody = method === 'POST';
  const base = gateway.url.trim().replace(/\/+$/, '');
  const url = `${base}/connect/custom/${path}${hasBody ? '' : queryOf(inputs)}`;
  const headers: Record<string, string> = { Authorization: `Bearer ${gateway.apiKey.trim()}` };
  if (hasBody) {
    headers['Content-Type'] = 'application/json';
  }
  const body = hasBody ? JSON.stringify(inputs) : undefined;
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(url, { method, headers, body, redirect: 'error' });
    const text = await response.text();
    if (response.ok) {
      return JSON.parse(text) as T;
    }
    const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
    const isForNow = [429, 503].includes(response.status) && seconds <= LONGEST_WAIT_SECONDS;
    if (!isForNow || tries === MOST_TRIES) {
      throw new Error(wordsOf(text, response.status));
    }
    await pause(seconds);
  }
};

/** The fields that exist only for what was picked are in a form of their own. */
const flat = ({ more_fields: more, ...inputs }: Inputs): Inputs => ({ ...inputs, ...(more as Inputs | undefined) });

/** Does something, and gives what came of it. */
export const perform = (gateway: Gateway, action: string, inputs: Inputs): Promise<unknown> =>
  request(gateway, 'POST', `actions/${action}`, flat(inputs));

/** Looks for something: what was found, best match first. */
export const find = async (gateway: Gateway, search: string, inputs: Inputs): Promise<unknown[]> =>
  (await request<{ data: unknown[] }>(gateway, 'GET', `searches/${search}`, flat(inputs))).data;

/** Looks for something that agrees in some fields with what is about to be made, and makes it if there is none. */
export const findOrPerform = async (
  gateway: Gateway,
  { find_by: names, ...inputs }: Inputs,
  { search, action, within }: { search: string; action: string; within: string[] },
): Promise<unknown> => {
  const compared = [...within, ...(names as string[])];
  const [found] = await find(gateway, search, Object.fromEntries(compared.map((name) => [name, inputs[name]])));
  return found ?? perform(gateway, action, inputs);
};
