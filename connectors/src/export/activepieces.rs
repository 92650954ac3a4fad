//! The piece for Activepieces: a file for every trigger, action and search, and an index of them. What runs them lies under
//! `connectors/templates/activepieces/`. It is written against the endpoints for code of one's own.

use super::js::{Entry, Js, pair, quoted};
use super::offers::{self, Words};
use super::zapier::is_polled;
use super::{App, File};
use crate::catalogue::{Action, Call, Catalogue, Field, Search, Trigger, label_of};
use crate::platforms::type_of;
use domain::input::Form;
use serde_json::{Value, json};
use std::fmt::Write as _;

const APP: App = App::Activepieces;

/// What is the same whatever the catalogue holds.
const TEMPLATES: &[(&str, &str)] = &[
    (".gitignore", include_str!("../../templates/activepieces/gitignore")),
    ("src/lib/auth.ts", include_str!("../../templates/activepieces/src/lib/auth.ts")),
    ("src/lib/gateway.ts", include_str!("../../templates/activepieces/src/lib/gateway.ts")),
    ("src/lib/props.ts", include_str!("../../templates/activepieces/src/lib/props.ts")),
    ("src/lib/subscriptions.ts", include_str!("../../templates/activepieces/src/lib/subscriptions.ts")),
    ("tsconfig.json", include_str!("../../templates/activepieces/tsconfig.json")),
];

const ICON: &[u8] = include_bytes!("../../templates/icon.png");

/// A file that defines what one trigger, action or search is.
struct Module {
    folder: &'static str,
    key: String,
    exports: Vec<String>,
    code: String,
}

/// The files of the piece.
pub(super) fn files(catalogue: &Catalogue) -> Vec<File> {
    let triggers = catalogue.triggers.iter().map(|trigger| trigger_module(catalogue, trigger));
    let actions = catalogue.actions.iter().map(|action| action_module(catalogue, action));
    let searches = catalogue.searches.iter().map(|search| search_module(catalogue, search));
    let modules: Vec<Module> = triggers.chain(actions).chain(searches).collect();
    let mut files: Vec<File> = TEMPLATES.iter().map(|(path, text)| File::text(*path, *text)).collect();
    let package = include_str!("../../templates/activepieces/package.json").replace("{{version}}", env!("CARGO_PKG_VERSION"));
    files.push(File::text("package.json", package));
    files.push(File::text("README.md", readme(catalogue)));
    files.push(File::bytes("icon.png", ICON));
    files.push(File::text("src/index.ts", index(&modules)));
    files.extend(modules.into_iter().map(|it| File::text(format!("src/lib/{}/{}.ts", it.folder, it.key), it.code)));
    files
}

/// `client.created` and `create-client` as Activepieces writes names.
fn snake(key: &str) -> String {
    key.replace(['.', '-'], "_")
}

/// The same as `TypeScript` writes the names of constants.
fn camel(key: &str) -> String {
    let mut words = key.split(['.', '-', '_']);
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        name + &first.to_uppercase() + rest
    })
}

/// A file: what it takes from elsewhere, and what it says.
fn file(imports: &[(&str, &[&str])], body: &str) -> String {
    let mut code = format!("// Generated from the catalogue by `kitchen connectors export {}`; do not edit.\n", APP.as_str());
    for (from, names) in imports {
        let used: Vec<&str> = names.iter().copied().filter(|name| is_used(body, name)).collect();
        if !used.is_empty() {
            let _ = writeln!(code, "import {{ {} }} from '{from}';", used.join(", "));
        }
    }
    code + "\n" + body
}

/// Whether a name occurs as a word of its own.
fn is_used(code: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let ends_before = |at: usize| !code[..at].ends_with(|letter| is_word(letter) || letter == '\'');
    code.match_indices(name).any(|(at, _)| ends_before(at) && !code[at + name.len()..].starts_with(is_word))
}

const PROPS: &[&str] = &["findBy", "moreFields", "one", "several"];

fn trigger_module(catalogue: &Catalogue, trigger: &Trigger) -> Module {
    let event = trigger.event.as_str();
    let name = camel(event);
    let definition = Js::Object(vec![
        pair("event", event),
        pair("name", snake(event).as_str()),
        pair("displayName", &*trigger.label),
        pair("description", &*trigger.description),
        pair("props", Js::Object(props(catalogue, &trigger.fields))),
        pair("sampleData", APP.sample_of_trigger(trigger)),
    ]);
    let mut exports = vec![name.clone()];
    let body = if is_polled(trigger) {
        let code = definition.print(0, "const definition = ".len(), 1);
        let polling = Js::Object(vec![
            Entry::Spread("definition".into()),
            pair("name", format!("{}_polling", snake(event)).as_str()),
            pair("displayName", format!("{} (Polling)", trigger.label).as_str()),
            pair(
                "description",
                format!("{} Asks the gateway, for gateways that cannot reach Activepieces.", trigger.description).as_str(),
            ),
        ]);
        let polling = polling.print(0, format!("export const {name}Polling = polling(").len(), 2);
        exports.push(format!("{name}Polling"));
        format!(
            "const definition = {code};\n\nexport const {name} = instant(definition);\n\nexport const {name}Polling = polling({polling});\n"
        )
    } else {
        let code = definition.print(0, format!("export const {name} = instant(").len(), 2);
        format!("export const {name} = instant({code});\n")
    };
    let imports: &[(&str, &[&str])] = &[("../props", PROPS), ("../subscriptions", &["instant", "polling"])];
    Module { folder: "triggers", key: event.replace(['.', '_'], "-"), exports, code: file(imports, &body) }
}

/// The definition of an action as Activepieces has them: searches are actions too.
fn definition(key: &str, label: &str, description: &str, props: Vec<Entry>, run: (&str, Vec<Js>)) -> String {
    let (function, arguments) = run;
    let code = Js::Object(vec![
        pair("name", snake(key).as_str()),
        pair("auth", Js::Code("kitchenAuth".into())),
        pair("displayName", label),
        pair("description", description),
        pair("props", Js::Object(props)),
        pair("run", Js::Call(format!("({{ auth, propsValue }}) => {function}"), arguments)),
    ]);
    let before = format!("export const {} = createAction(", camel(key));
    format!("{before}{});\n", code.print(0, before.len(), 2))
}

fn code(text: &str) -> Js {
    Js::Code(text.to_owned())
}

fn module(key: &str, body: &str, also: &[String]) -> Module {
    let imports: &[(&str, &[&str])] = &[
        ("@activepieces/pieces-framework", &["createAction", "Property"]),
        ("../auth", &["kitchenAuth"]),
        ("../gateway", &["find", "findOrPerform", "perform"]),
        ("../props", PROPS),
    ];
    let exports = std::iter::once(camel(key)).chain(also.iter().cloned()).collect();
    Module { folder: "actions", key: key.to_owned(), exports, code: file(imports, body) }
}

fn action_module(catalogue: &Catalogue, action: &Action) -> Module {
    let run = ("perform", vec![code("auth.props"), Js::from(action.key), code("propsValue")]);
    let body = definition(action.key, &action.label, action.description, props_of(catalogue, action), run);
    module(action.key, &body, &[])
}

fn props_of(catalogue: &Catalogue, action: &Action) -> Vec<Entry> {
    let mut all = props(catalogue, &action.fields);
    all.extend(more_fields(&format!("actions/{}", action.key), action.more_fields));
    all
}

/// The fields that exist only for what was picked.
fn more_fields(of: &str, call: Option<Call>) -> Option<Entry> {
    let decides: Vec<&str> = call?.parameters().collect();
    Some(pair("more_fields", Js::Call("moreFields".into(), vec![Js::from(of), Js::from(json!(decides))])))
}

/// A search, and with it the pair of it and the action that makes what it does not find.
fn search_module(catalogue: &Catalogue, search: &Search) -> Module {
    let run = ("find", vec![code("auth.props"), Js::from(search.key), code("propsValue")]);
    let mut asked = props(catalogue, &search.fields);
    asked.extend(more_fields(&format!("searches/{}", search.key), search.more_fields));
    let mut body = definition(search.key, &search.label, search.description, asked, run);
    let action = search.create.and_then(|key| catalogue.action(key)).filter(|action| !search.shared_with(action).is_empty());
    let mut also = Vec::new();
    if let Some(action) = action {
        let choice = |field: &&Field| json!({"label": field.label, "value": field.key});
        let shared: Value = search.shared_with(action).iter().map(choice).collect();
        let mut props = vec![pair("find_by", Js::Call("findBy".into(), vec![Js::from(shared)]))];
        props.extend(props_of(catalogue, action));
        let within: Vec<&str> = search.call.parameters().collect();
        let names = json!({"search": search.key, "action": action.key, "within": within});
        let run = ("findOrPerform", vec![code("auth.props"), code("propsValue"), Js::from(names)]);
        let key = format!("find-or-{}", action.key);
        let description = format!("{} Makes one if there is none.", search.description);
        let _ = write!(body, "\n{}", definition(&key, &format!("Find or {}", action.label), &description, props, run));
        also.push(camel(&key));
    }
    module(search.key, &body, &also)
}

/// The fields a person fills in, by their names.
fn props(catalogue: &Catalogue, fields: &[Field]) -> Vec<Entry> {
    catalogue.inputs(fields).iter().map(|field| pair(&*field.key, prop(catalogue, field))).collect()
}

fn prop(catalogue: &Catalogue, field: &Field) -> Js {
    let mut words = vec![pair("displayName", &*field.label)];
    if !field.help.is_empty() {
        words.push(pair("description", field.help));
    }
    words.push(pair("required", json!(field.is_required)));
    if let Some(lookup) = field.lookup.and_then(|key| catalogue.lookup(key)) {
        let mut arguments = vec![Js::from(lookup.key), Js::Object(words)];
        let needs: Vec<String> = lookup.narrowed_by().map(|field| field.key).collect();
        if !needs.is_empty() {
            arguments.push(Js::from(json!(needs)));
        }
        return Js::Call(if field.is_list() { "several" } else { "one" }.into(), arguments);
    }
    let (is_list, form) = match &field.form {
        Form::List(of) => (true, &**of),
        form => (false, form),
    };
    let kind = match (form, type_of(form)) {
        _ if !field.choices.is_empty() => {
            let choices: Value = field.choices.iter().map(|word| json!({"label": label_of(word), "value": word})).collect();
            words.push(pair("options", json!({"options": choices})));
            if is_list { "StaticMultiSelectDropdown" } else { "StaticDropdown" }
        }
        _ if is_list => "Array",
        (Form::Colour, _) => "Color",
        (_, "text") => "LongText",
        (_, "integer" | "number") => "Number",
        // What is optional has a third answer, which a checkbox does not know: to leave it as it is.
        (_, "boolean") if !field.is_required => {
            words.push(pair("options", json!({"options": [{"label": "Yes", "value": true}, {"label": "No", "value": false}]})));
            "StaticDropdown"
        }
        (_, "boolean") => "Checkbox",
        (_, "datetime") => "DateTime",
        (_, "object") => "Json",
        _ => "ShortText",
    };
    Js::Call(format!("Property.{kind}"), vec![Js::Object(words)])
}

/// `src/index.ts`: the piece with everything in it.
fn index(modules: &[Module]) -> String {
    let mut imports = String::new();
    for it in modules {
        let _ = writeln!(imports, "import {{ {} }} from './lib/{}/{}';", it.exports.join(", "), it.folder, it.key);
    }
    let of = |folder: &str| {
        let exports = modules.iter().filter(|module| module.folder == folder).flat_map(|module| &module.exports);
        Js::List(exports.map(|name| Js::Code(name.clone())).collect())
    };
    let piece = Js::Object(vec![
        pair("displayName", "Kitchen"),
        pair("description", "Clients, companies, boards and everything else in a Kitchen workspace."),
        pair("auth", Js::Code("kitchenAuth".into())),
        pair("logoUrl", Js::Code("logo".into())),
        pair("authors", json!([])),
        pair("categories", Js::Code("[PieceCategory.SALES_AND_CRM, PieceCategory.PRODUCTIVITY]".into())),
        pair("actions", of("actions")),
        pair("triggers", of("triggers")),
    ]);
    let piece = piece.print(0, "export const kitchen = createPiece(".len(), 2);
    let body = format!("{imports}\nconst logo = {};\n\nexport const kitchen = createPiece({piece});\n", quoted(LOGO));
    let imports: &[(&str, &[&str])] = &[
        ("@activepieces/pieces-framework", &["createPiece"]),
        ("@activepieces/shared", &["PieceCategory"]),
        ("./lib/auth", &["kitchenAuth"]),
    ];
    let code = file(imports, &body);
    // The imports of the modules follow the others without a line between them.
    code.replacen(";\n\nimport", ";\nimport", 1)
}

/// The icon as an address that is reachable from everywhere.
const LOGO: &str = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Crect width=%2232%22 height=%2232%22 rx=%228%22 fill=%22%232b56c8%22/%3E%3Cpath d=%22M9 8v16M23 8l-9.5 8L23 24%22 fill=%22none%22 stroke=%22%23fff%22 stroke-width=%223.25%22 stroke-linecap=%22round%22 stroke-linejoin=%22round%22/%3E%3Ccircle cx=%2213.5%22 cy=%2216%22 r=%222.6%22 fill=%22%23fff%22/%3E%3C/svg%3E";

fn readme(catalogue: &Catalogue) -> String {
    let words = Words {
        trigger: |trigger| if is_polled(trigger) { "Trigger, instant or polling" } else { "Trigger, instant" },
        action: |_| "Action",
        search: |search| if search.create.is_some() { "Search, or find or create" } else { "Search" },
    };
    include_str!("../../templates/activepieces/README.md").replace("{{offers}}", &offers::table(catalogue, &words))
}
