/* Whether the address asks for a picture, known before anything is painted, so that no form flashes up in its place. */

document.documentElement.toggleAttribute("data-opening", /[?&](job|remix|start)=/.test(location.search));
