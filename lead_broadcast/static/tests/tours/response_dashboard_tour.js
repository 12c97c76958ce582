import {registry} from "@web/core/registry";

const DASHBOARD = ".o_lead_response_dashboard";

registry.category("web_tour.tours").add("lead_broadcast_response_dashboard", {
    steps: () => [
        {
            content: "Of three leads that count, one was answered on time",
            trigger: `${DASHBOARD} [name=on_time]:contains('33%'):contains('1 of 3')`,
        },
        {
            trigger: `${DASHBOARD} [name=hours]:contains('15:00')`,
        },
        {
            content: "By source, and by week",
            trigger: `${DASHBOARD} [data-field=source_id] tr:contains('Fair'):contains('1 of 1')`,
        },
        {
            content: "What has not been answered by now is a click away",
            trigger: `${DASHBOARD} [name=overdue]:contains('1')`,
            run: "click",
        },
        {
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains('Executive'))) .o_data_row:contains('Colleague')",
        },
        {
            content: "The search is as it was, on the way back",
            trigger: ".o_back_button a, .breadcrumb-item a:contains('Response')",
            run: "click",
        },
        {
            content: "So is what an assignee has answered, and how",
            trigger: `${DASHBOARD}:has(.o_facet_value:contains('Last 12 Weeks')) [data-field=assignee_id] button:contains('Executive')`,
            run: "click",
        },
        {
            trigger:
                ".o_list_view:has(.o_data_row:contains('Late')) .o_data_row:contains('On time') td[name=lead_id]",
            run: "click",
        },
        {
            content: "A row leads to its lead",
            trigger: ".o_form_view .o_breadcrumb:contains('Answered on time')",
        },
    ],
});
