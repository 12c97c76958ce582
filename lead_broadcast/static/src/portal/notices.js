import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";
import {rpc} from "@web/core/network/rpc";

const BUS_TYPE = "lead_broadcast.notices";
const COUNTER = "service_notice_count";
const MAX_COUNT = 99; // beyond that it would cover the name beside it

/** What is there for a background tab can wait until somebody looks. */
function isVisible() {
    return document.visibilityState === "visible";
}

/** Keeps the numbers of unread notifications, in the header and on cards, true. */
export class NoticeCounter extends Interaction {
    static selector = "#wrapwrap";
    static selectorHas = ".o_lead_notice_count";
    dynamicContent = {
        _document: {"t-on-visibilitychange": this.catchUp},
        ".o_lead_notice_count": {
            "t-out": () => (this.count > MAX_COUNT ? `${MAX_COUNT}+` : this.count),
            "t-att-class": () => ({"d-none": !this.count}),
        },
    };

    setup() {
        const shown = this.el.querySelector(".o_lead_notice_count");
        this.count = Number(shown.dataset.count);
    }

    start() {
        const bus = this.services.bus_service;
        const onNotices = ({unread}) => this.show(unread);
        bus.subscribe(BUS_TYPE, onNotices);
        this.registerCleanup(() => bus.unsubscribe(BUS_TYPE, onNotices));
        this.addListener(this.env.bus, BUS_TYPE, ({detail}) => this.show(detail));
        bus.start();
    }

    show(count) {
        this.count = count;
        this.updateContent();
    }

    /** A phone that slept, or a proxy without websockets, may have missed some. */
    async catchUp() {
        if (isVisible()) {
            const params = {counters: [COUNTER]};
            const counts = await this.waitFor(
                // offline or logged out: what was known stays
                rpc("/my/counters", params, {silent: true}).catch(() => ({}))
            );
            this.count = counts[COUNTER] ?? this.count;
        }
    }
}

/** The list: reports what was shown as read, and shows what arrives meanwhile. */
export class NoticeList extends Interaction {
    static selector = ".o_lead_notices";
    dynamicContent = {
        _document: {"t-on-visibilitychange": this.catchUp},
        form: {"t-att-class": () => ({"d-none": this.left === 0})},
    };

    start() {
        const bus = this.services.bus_service;
        const onNotices = ({is_new: isNew}) => {
            if (isNew) {
                this.isOutdated = true;
                this.catchUp();
            }
        };
        bus.subscribe(BUS_TYPE, onNotices);
        this.registerCleanup(() => bus.unsubscribe(BUS_TYPE, onNotices));
        this.catchUp();
    }

    async catchUp() {
        if (isVisible() && this.isOutdated) {
            this.isOutdated = false;
            await this.reload();
        }
        if (isVisible()) {
            await this.reportShown();
        }
    }

    async reload() {
        const text = await this.waitFor(this.services.http.get(location.href, "text"));
        const page = new DOMParser().parseFromString(text, "text/html");
        const list = page.querySelector(this.constructor.selector);
        if (list) {
            this.el.replaceChildren(...list.children);
        }
    }

    async reportShown() {
        const unread = [...this.el.querySelectorAll("[data-unread-id]")];
        const noticeIds = unread.map((notice) => Number(notice.dataset.unreadId));
        if (noticeIds.length) {
            unread.forEach((notice) => notice.removeAttribute("data-unread-id"));
            const params = {notice_ids: noticeIds};
            this.left = await this.waitFor(rpc("/my/notices/shown", params));
            this.env.bus.trigger(BUS_TYPE, this.left);
        }
    }
}

const interactions = registry.category("public.interactions");
interactions.add("lead_broadcast.notice_counter", NoticeCounter);
interactions.add("lead_broadcast.notice_list", NoticeList);
