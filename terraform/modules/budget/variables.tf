variable "project_id" {
  description = "Project whose costs are watched."
  type        = string
}

variable "project_number" {
  description = "Number of that project."
  type        = string
}

variable "billing_account" {
  description = "Billing account that pays, such as 012345-6789AB-CDEF01; `gcloud billing accounts list` shows it."
  type        = string

  validation {
    condition     = can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A billing account looks like 012345-6789AB-CDEF01."
  }
}

variable "monthly_amount" {
  description = "Whole units of the billing account's currency for a month."
  type        = number
  default     = 100

  validation {
    condition     = var.monthly_amount >= 1 && floor(var.monthly_amount) == var.monthly_amount
    error_message = "A whole number, at least 1."
  }
}

variable "notification_channels" {
  description = "Full names of the channels that are told."
  type        = list(string)
}
