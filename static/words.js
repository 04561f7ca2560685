// The sentences of scripts in the language of the page. The service writes the page in it, and names the file with the others.

const { lang, dataset } = document.documentElement;

// An English page has no file. If the file does not come, the scripts say in English what they have to say.
const words = dataset.words ? await import(dataset.words).then((file) => file.default, () => ({})) : {};

// How the language writes days and times.
export const LOCALE = lang === "en" ? "en-GB" : lang;

const forms = new Intl.PluralRules(LOCALE);

// A sentence with its values.
export const t = (english, values = {}) => (words[english] ?? english).replace(/\{\{ (\w+) \}\}/g, (_, name) => values[name]);

// One of two sentences: the first is that of one.
export const plural = (n, one, other, values = {}) => t(forms.select(n) === "one" ? one : other, { n, ...values });

// A sentence of the service, which says it in English and, if it is asked, in the language of the page.
export const told = ({ message, localized_message: localized }) => (lang === "en" ? null : localized) ?? message;
