import {registry} from "@web/core/registry";

const LINE = ".o_form_view [name=response_status]";

registry.category("web_tour.tours").add("lead_broadcast_clock", {
    steps: () => [
        {
            content: "What is to be answered says by whom, and until when",
            trigger:
                ".o_data_row:contains('To be answered by'):contains('in 7 hr') td[name=name]:contains('Wrong figures')",
            run: "click",
        },
        {
            content: "The lead says what follows otherwise",
            trigger: `${LINE}:contains('New'):contains('in 7 hr'):contains('it goes to')`,
        },
        {
            trigger: "button[name=action_mark_contacted]",
            run: "click",
        },
        {
            trigger: `${LINE}:contains('Open'):contains('answered in time')`,
        },
        {
            trigger: "a.nav-link[name=assignments]",
            run: "click",
        },
        {
            trigger:
                "[name=response_assignment_ids] .o_data_row:contains('Answered, under way')",
        },
        {
            content: "It is not to be answered any more",
            trigger: ".o_back_button a, .breadcrumb-item a:contains('To Answer')",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent:contains('Everything is answered')",
        },
    ],
});
