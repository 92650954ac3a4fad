import { DropdownState, InputPropertyMap, Property } from '@activepieces/pieces-framework';
import { kitchenAuth } from './auth';
import { Gateway, request } from './gateway';

type Words<R extends boolean> = { displayName: string; description?: string; required: R };

/** What is known while a form is being filled in. */
type Known = Record<string, unknown> & { auth?: { props: Gateway } };

/** How much of a list is shown at once; what is typed in looks through all of it. */
const MOST_PAGES = 5;

const nothing = (placeholder: string): DropdownState<string> => ({ disabled: true, placeholder, options: [] });

/** What there is to pick. `needs` are the fields that decide about it, such as the board its lists are of. */
const choices =
  (lookup: string, needs: string[]) =>
  async (known: Known, { searchValue: search }: { searchValue?: string }): Promise<DropdownState<string>> => {
    if (!known.auth) {
      return nothing('Connect your Kitchen first.');
    }
    const missing = needs.filter((name) => !known[name]);
    if (missing.length > 0) {
      return nothing(`Pick the ${missing.join(' and the ')} first.`);
    }
    type Page = { data: { id: string; name: string }[]; next_page: number | null };
    const inputs = Object.fromEntries(needs.map((name) => [name, known[name]]));
    const options: { label: string; value: string }[] = [];
    for (let page: number | null = 1; page !== null && page <= MOST_PAGES; ) {
      const shown: Page = await request<Page>(known.auth.props, 'GET', `lookups/${lookup}`, { ...inputs, search, page });
      options.push(...shown.data.map(({ id, name }) => ({ label: name, value: id })));
      page = shown.next_page;
    }
    return { disabled: false, options };
  };

/** An id, picked from a list. */
export const one = <R extends boolean>(lookup: string, words: Words<R>, needs: string[] = []) =>
  Property.Dropdown<string, R, typeof kitchenAuth>({
    ...words,
    auth: kitchenAuth,
    refreshers: needs,
    refreshOnSearch: true,
    options: choices(lookup, needs),
  });

/** Several ids, picked from a list. */
export const several = <R extends boolean>(lookup: string, words: Words<R>, needs: string[] = []) =>
  Property.MultiSelectDropdown<string, R, typeof kitchenAuth>({
    ...words,
    auth: kitchenAuth,
    refreshers: needs,
    refreshOnSearch: true,
    options: choices(lookup, needs),
  });

/** The fields that must agree for something to count as found. */
export const findBy = (fields: { label: string; value: string }[]) =>
  Property.StaticMultiSelectDropdown<string, true>({
    displayName: 'Find By',
    description: 'The fields below that must agree. If there is nothing with all of them, it is created.',
    required: true,
    defaultValue: [fields[0].value],
    options: { options: fields },
  });

type Field = { key: string; label: string; type: string; required: boolean; help: string; choices?: string[] };

const yesOrNo = [
  { label: 'Yes', value: true },
  { label: 'No', value: false },
];

const property = ({ label: displayName, type, required, help: description, choices: words }: Field) => {
  const said = { displayName, required, description };
  if (words) {
    const options = words.map((word) => ({ label: word, value: word }));
    return Property.StaticDropdown({ ...said, options: { options } });
  }
  switch (type) {
    case 'boolean':
      // A checkbox that nobody touches says no, where nothing was to be said.
      return Property.StaticDropdown({ ...said, options: { options: yesOrNo } });
    case 'integer':
    case 'number':
      return Property.Number(said);
    case 'datetime':
      return Property.DateTime(said);
    case 'text':
      return Property.LongText(said);
    default:
      return Property.ShortText(said);
  }
};

/** The fields that an action or a search has only for what was picked, such as those of a board. */
export const moreFields = (of: string, decides: string[]) =>
  Property.DynamicProperties<false, typeof kitchenAuth>({
    displayName: 'Custom Fields',
    required: false,
    auth: kitchenAuth,
    refreshers: decides,
    props: async (known: Known): Promise<InputPropertyMap> => {
      if (!known.auth || decides.some((name) => !known[name])) {
        return {};
      }
      const picked = Object.fromEntries(decides.map((name) => [name, known[name]]));
      const fields = await request<Field[]>(known.auth.props, 'GET', `${of}/fields`, picked);
      const own = fields.filter(({ key }) => key.startsWith('cf_'));
      return Object.fromEntries(own.map((field) => [field.key, property(field)]));
    },
  });
