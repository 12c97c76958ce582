import {Interaction} from "@web/public/interaction";
import {pyToJsLocale} from "@web/core/l10n/utils";
import {registry} from "@web/core/registry";

const {Duration} = luxon;
const SHOW_SECONDS_BELOW = 120;

/**
 * The page of one offer: a live countdown, and the note that it was looked at. The
 * page works without either.
 */
export class OfferPage extends Interaction {
    static selector = ".o_lead_offer";
    dynamicContent = {
        _window: {"t-on-hashchange": this.revealDecline},
        ".o_lead_offer_countdown": {"t-out": () => this.timeLeft},
        ".o_lead_offer_answer": {"t-att-class": () => ({"d-none": this.isOver})},
        ".o_lead_offer_over": {"t-att-class": () => ({"d-none": !this.isOver})},
    };

    setup() {
        // counted from what the server said: the clock of a phone may be wrong
        this.end = Date.now() + Number(this.el.dataset.secondsLeft || 0) * 1000;
    }

    start() {
        this.markSeen();
        this.revealDecline();
        if (this.el.dataset.secondsLeft) {
            const timer = setInterval(() => this.updateContent(), 1000);
            this.registerCleanup(() => clearInterval(timer));
        }
    }

    get secondsLeft() {
        return Math.max(Math.ceil((this.end - Date.now()) / 1000), 0);
    }

    get isOver() {
        return !this.secondsLeft;
    }

    get timeLeft() {
        const units =
            this.secondsLeft < SHOW_SECONDS_BELOW
                ? ["minutes", "seconds"]
                : ["days", "hours", "minutes"];
        const left = Duration.fromObject(
            {seconds: this.secondsLeft},
            {locale: pyToJsLocale(document.documentElement.lang)}
        ).shiftTo(...units);
        const shown = units.filter((unit) => Math.floor(left.get(unit)));
        const values = shown.map((unit) => [unit, Math.floor(left.get(unit))]);
        return left
            .shiftTo(...shown)
            .set(Object.fromEntries(values))
            .toHuman({type: "unit", unitDisplay: "short"});
    }

    markSeen() {
        const {seenUrl, accessToken} = this.el.dataset;
        if (!seenUrl) {
            return;
        }
        const data = new FormData();
        data.append("csrf_token", odoo.csrf_token);
        data.append("access_token", accessToken || "");
        navigator.sendBeacon(seenUrl, data);
    }

    /** Open the form that the mail's second button links to. */
    revealDecline() {
        const details = this.el.querySelector(".o_lead_offer_decline");
        if (details && window.location.hash === "#decline") {
            details.open = true;
            details.scrollIntoView();
        }
    }
}

registry.category("public.interactions").add("lead_broadcast.offer_page", OfferPage);
