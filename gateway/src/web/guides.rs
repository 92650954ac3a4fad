//! Guides: from a key to the first run, one for each platform and for what needs none of its own. Their text is that of `docs/guides/`,
//! compiled in; on a page the address of this gateway stands where the text has an example.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Parser, Tag, TagEnd, html};
use std::iter;

/// The gateway of the texts.
const EXAMPLE: &str = "https://kitchen.example.com";

/// A guide.
pub(crate) struct Guide {
    /// As addresses write it: the name of the platform, if there is one.
    pub(crate) name: &'static str,
    markdown: &'static str,
}

macro_rules! guides {
    ($($name:literal),*) => {
        /// Every guide.
        const ALL: &[Guide] =
            &[$(Guide { name: $name, markdown: include_str!(concat!("../../../docs/guides/", $name, ".md")) }),*];
    };
}

guides!("zapier", "pabbly", "make", "n8n", "custom", "activepieces", "mcp");

impl Guide {
    /// The guide of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|guide| guide.name == name)
    }

    /// What it is about.
    pub(crate) fn title(&self) -> &'static str {
        self.markdown.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// The guide as a part of a page, for the gateway at this address. The page has the title, and a heading above the guide's own.
    pub(crate) fn html(&self, gateway: &str) -> String {
        let here = |text: CowStr<'static>| if text.contains(EXAMPLE) { text.replace(EXAMPLE, gateway).into() } else { text };
        let mut events = Parser::new(self.markdown).skip_while(|event| *event != Event::End(TagEnd::Heading(HeadingLevel::H1)));
        let _title = events.next();
        // Whether each link that is open leads anywhere from here.
        let mut links = Vec::new();
        let shown = iter::from_fn(move || {
            Some(match events.next()? {
                Event::Text(text) => Event::Text(here(text)),
                Event::Code(text) => Event::Code(here(text)),
                Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
                    Event::Start(Tag::Heading { level: HeadingLevel::H3, id, classes, attrs })
                }
                Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(HeadingLevel::H3)),
                // What is wider than the page is scrolled, with the keyboard too.
                Event::Start(Tag::CodeBlock(_)) => Event::Html(r#"<pre class="code" tabindex="0">"#.into()),
                Event::End(TagEnd::CodeBlock) => Event::Html("</pre>\n".into()),
                Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                    Event::Start(Tag::Image { link_type, dest_url: format!("/static/guides/{dest_url}").into(), title, id })
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    let place = place(&dest_url);
                    links.push(place.is_some());
                    match place {
                        Some(place) => Event::Start(Tag::Link { link_type, dest_url: place.into(), title, id }),
                        None => Event::Text("".into()),
                    }
                }
                Event::End(TagEnd::Link) if links.pop() == Some(false) => Event::Text("".into()),
                event => event,
            })
        });
        let mut page = String::new();
        html::push_html(&mut page, shown);
        page
    }
}

/// Where a link of a guide leads on a page: to other sites, and from guide to guide. Other documents are not served.
fn place(link: &str) -> Option<String> {
    if link.starts_with("https://") {
        return Some(link.to_owned());
    }
    let guide = Guide::named(link.strip_suffix(".md")?)?;
    Some(format!("/settings/integrations/{}", guide.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_a_guide_under_its_name_and_title() {
        for connector in connectors::platforms::ALL {
            let Some(guide) = Guide::named(connector.platform().as_str()) else { panic!("{} has none", connector.title()) };
            assert_eq!(guide.title(), connector.title());
        }
    }

    #[test]
    fn a_guide_names_this_gateway_and_shows_pictures_that_are_there() {
        for guide in ALL {
            let page = guide.html("http://10.1.2.3:8080");
            assert!(!page.contains("kitchen.example.com"), "{page}");
            assert!(!page.contains("<h1") && !page.contains("<h2") && page.contains("<h3>1. Create an API key</h3>"), "{page}");
            for picture in page.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let is_served = crate::web::assets::ASSETS.iter().any(|(name, ..)| format!("/static/{name}") == picture);
                assert!(is_served, "{picture} is not among the assets");
            }
        }
        assert!(Guide::named("custom").is_some_and(|guide| guide.html("http://here").contains("curl \"http://here/connect")
            || guide.html("http://here").contains("KITCHEN=http://here")));
    }

    #[test]
    fn links_lead_somewhere_or_are_words() {
        assert_eq!(place("https://www.standardwebhooks.com").as_deref(), Some("https://www.standardwebhooks.com"));
        assert_eq!(place("make.md").as_deref(), Some("/settings/integrations/make"));
        assert_eq!((place("../api.md"), place("javascript:alert(1)")), (None, None));
        let guide = Guide { name: "x", markdown: "# X\n\nSee the [API](../api.md) & [Make](make.md).\n" };
        let link = r#"<a href="/settings/integrations/make">Make</a>"#;
        assert_eq!(guide.html("http://here"), format!("<p>See the API &amp; {link}.</p>\n"));
    }
}
