import {registry} from "@web/core/registry";

const STATUS = "[name=broadcast_status]";

registry.category("web_tour.tours").add("lead_broadcast_ladder", {
    steps: () => [
        {
            content: "The steps are shown before anything is done",
            trigger: "[name=ladder_progress] tr:contains('2. Two')",
        },
        {
            content: "Start to search step by step",
            trigger: "button[name=action_start_ladder]",
            run: "click",
        },
        {
            content: "One line says where the search is, and what comes next",
            trigger: `${STATUS}:contains('Step 1 of 3 (One)'):contains('next step (Two)'):contains('in 3 hr')`,
        },
        {
            content: "Take the next step now",
            trigger: "[name=ladder_progress] tr:contains('2. Two') button",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_jump]",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${STATUS}:contains('Step 2 of 3 (Two)')`,
        },
        {
            content: "Give the lead to somebody",
            trigger: "button[name=action_allocate]",
            run: "click",
        },
        {
            trigger: ".modal [name=partner_id] input",
            run: "edit Saket",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains('Saket Services')",
            run: "click",
        },
        {
            content: "What speaks against it is said",
            trigger: ".modal .alert:contains('can still answer')",
        },
        {
            trigger: ".modal button[name=action_allocate]",
            run: "click",
        },
        {
            content: "The composer is open towards the partner, and nobody else",
            trigger:
                ".o-mail-Chatter:has(.o-mail-RecipientsInput:contains('Saket Services'):not(:contains('Asha Traders'))) .o-mail-Composer-input",
            run: "edit Welcome",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o-mail-Message:contains('Welcome')",
        },
    ],
});
